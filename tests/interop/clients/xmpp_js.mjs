// xmpp.js as a peer: log in, send what standard input holds, print the reply as JSON, log out.
//
//   xmpp_js.mjs --library DIR --host H --port P --jid JID --to JID --tls starttls|direct
//
// The password is in XMPP_PASSWORD, the authority to trust in NODE_EXTRA_CA_CERTS.

import dns from "node:dns";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const options = Object.fromEntries(
  ["library", "host", "port", "jid", "to", "tls"].map((name) => [name, { type: "string" }]),
);
const { values: given } = parseArgs({ options });
const library = createRequire(`${given.library}/`);
const { client, xml, jid: parse } = await import(pathToFileURL(library.resolve("@xmpp/client")));
const account = parse(given.jid);

// With direct TLS the library checks the certificate for the name it connects to: what is asked for
// is the domain, and only where that lies is told here.
const lookup = dns.lookup;
dns.lookup = (name, ...rest) => lookup(name === account.domain ? given.host : name, ...rest);

const scheme = given.tls === "direct" ? "xmpps" : "xmpp";
const xmpp = client({
  service: `${scheme}://${account.domain}:${given.port}`,
  domain: account.domain,
  username: account.local,
  password: process.env.XMPP_PASSWORD,
  resource: "node",
});
xmpp.reconnect.stop();

function fail(error) {
  console.error(`xmpp.js: ${error}`);
  process.exit(1);
}
xmpp.on("error", fail);

const reply = new Promise((resolve) => {
  xmpp.on("stanza", (stanza) => {
    if (stanza.is("message") && stanza.getChild("body")) resolve(stanza);
  });
});
const bound = await xmpp.start().catch(fail);
const tls = xmpp.socket.socket.getProtocol();
await xmpp.send(xml("presence"));
const message = xml("message", { type: "chat", to: given.to, id: "first" }, xml("body", {}, readFileSync(0, "utf8")));
await xmpp.send(message);
const heard = await reply;
await xmpp.stop();
console.log(JSON.stringify({ jid: bound.toString(), tls, from: heard.attrs.from, id: heard.attrs.id, body: heard.getChildText("body") }));

"""What `xmpp-core demo` plays."""

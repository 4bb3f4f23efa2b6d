"""The I/O around the engine: one synchronous pump, and thin shells for asyncio and trio around it.

Import `xmpp_core.adapters.asyncio` or `xmpp_core.adapters.trio`; both have the same names. This is
the only room with `async` in it.
"""

"""The payloads of the extensions, one module a specification. Each is imported by who needs it, none by the engine."""

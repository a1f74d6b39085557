// Exists so that the tests' precompiled headers have a target of their own.

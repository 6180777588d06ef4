// Attacks the load: throws while the module is evaluated.
throw new RangeError('boom at import')

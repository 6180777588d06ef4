// Attacks the load: throws something that is no Error.
throw 'a string'

"""The GraphQL explorer at /graphiql: static files of our own and the routes that serve them."""

"""The GraphQL explorer at /graphiql: GraphiQL where it is built, else a small page of our own."""

"""The database's history: SQL, run by Tortoise's migration engine."""

"""The rights of the people we hold data about."""

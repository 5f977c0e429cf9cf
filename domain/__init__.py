"""What is true and allowed. Imports none of our other folders."""

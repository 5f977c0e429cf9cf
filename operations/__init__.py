"""Running the product: embedded servers, migrating, doctor, demo, seed, backup."""

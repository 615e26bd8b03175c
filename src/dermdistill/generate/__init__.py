"""Generated pictures of rare classes: a small conditional GAN, its samples, and what they are worth."""

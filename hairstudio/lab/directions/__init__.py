"""Direct latent editing: one direction for an attribute, for every face. As a tool, and to compare
pairs with: GANSpace, InterFaceGAN, StyleSpace."""

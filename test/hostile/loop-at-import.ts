// Attacks the load: the module never finishes, and never lets go of the CPU.
for (;;);

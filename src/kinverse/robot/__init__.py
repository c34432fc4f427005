"""Robot arms: frozen data, their catalog, the URDF reader, and forward kinematics in NumPy/Numba and in torch."""

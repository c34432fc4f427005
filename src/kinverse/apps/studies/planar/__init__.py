"""Study 4: the six published models of a three-link planar arm, trained through the forward kinematics.

As published, the learning rate followed a step schedule that hardly moves (0.995 every 100 epochs); as specified it
falls by 0.995 in every epoch. Models 4, 5 and 6 fail; the diagnosis names the cause from the runs alone, and its
remedies are trained as well.
"""

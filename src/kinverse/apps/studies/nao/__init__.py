"""Study 5: NAO's arms on ARKOMA: the published network, better ones, and the exact solver after them.

ARKOMA's rows are generated, new ones for every seed (`kinverse.learning.data.arkoma`): the published files cannot be
had everywhere, and how their joints were drawn is not known; so the published network is shown under several draws, the
closest match to the published rows among them. Besides it there are three tracks:

    a   only the 6,000 training rows, no kinematics
    b   200,000 generated rows, printed with the data's own rounding
    c   the predictions of network b, finished by the exact solver

Their settings, the epoch that is kept and the solver's weight of rotations are chosen on validation rows only.
"""

"""kinverse learns the inverse kinematics of a robot arm and then solves it exactly.

    import kinverse as kv
    arm = kv.load_arm("panda")
    T_base_tool = arm.forward_kinematics(arm.sample(5, seed=0))

The public names are listed in `__init__.pyi`, for editors, type checkers and `lazy_loader` alike. A name loads on first
use, so that `import kinverse` costs next to nothing and never imports torch.
"""

import lazy_loader

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

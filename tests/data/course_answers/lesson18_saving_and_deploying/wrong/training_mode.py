# answers_in_evaluation_mode: Is dropout still active
import numpy as np
import torch

SCALING = ("input.shift", "input.scale")


def pack(network: torch.nn.Module, shift: np.ndarray, scale: np.ndarray) -> dict[str, np.ndarray]:
    """Everything that a loaded network needs, as plain arrays."""
    saved = {name: tensor.detach().cpu().numpy().copy() for name, tensor in network.state_dict().items()}
    return {**saved, SCALING[0]: shift.copy(), SCALING[1]: scale.copy()}


def unpack(network: torch.nn.Module, saved: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Put saved weights into a network that was built for them."""
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    wrong = sorted((set(expected) | set(SCALING)) ^ set(saved))
    if wrong:
        raise ValueError(f"missing or unknown: {', '.join(wrong)}")
    for name, shape in expected.items():
        if saved[name].shape != shape:
            raise ValueError(f"{name} has the shape {saved[name].shape}, expected {shape}")
    network.load_state_dict({name: torch.from_numpy(np.array(saved[name])) for name in expected})
    return saved[SCALING[0]], saved[SCALING[1]]


def answer(network: torch.nn.Module, x: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """What the network says to rows in their own units."""
    with torch.no_grad():
        return network(torch.as_tensor((x - shift) / scale, dtype=torch.float32)).numpy()

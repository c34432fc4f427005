import io

import numpy as np
import torch


def pack(network, shift, scale):
    file = io.BytesIO()
    arrays = {name: tensor.numpy(force=True) for name, tensor in network.state_dict().items()}
    np.savez(file, **arrays, **{"input.shift": shift, "input.scale": scale})
    file.seek(0)
    with np.load(file) as stored:
        return dict(stored)


def unpack(network, saved):
    saved = dict(saved)
    try:
        shift, scale = saved.pop("input.shift"), saved.pop("input.scale")
    except KeyError as problem:
        raise ValueError(f"{problem} is missing") from None
    own = network.state_dict()
    for name in own:
        if name not in saved:
            raise ValueError(f"no {name}")
        if tuple(own[name].shape) != np.shape(saved[name]):
            raise ValueError(f"{name}: another shape")
    for name in saved:
        if name not in own:
            raise ValueError(f"{name} is unknown")
    network.load_state_dict({name: torch.tensor(value) for name, value in saved.items()}, strict=True)
    return shift, scale


def answer(network, x, shift, scale):
    scaled = torch.tensor((x - shift) / scale).float()
    with torch.inference_mode():
        return network.train(False)(scaled).cpu().numpy()

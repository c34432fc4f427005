"""ARKOMA's right arm, generated, written in the published layout, checked, and read back."""

import kinverse as kv

data = kv.make_arkoma("nao-right", rows=500, seed=0)
folder = kv.write_dataset(data, "arkoma")
check = kv.check_dataset(folder)
print(check.summary, "no errors" if check.ok else check.problems)

again = kv.read_dataset(folder)
print("first features:", dict(zip(again.manifest.feature_names, again.train.features[0], strict=True)))
print("first joints:  ", dict(zip(again.manifest.target_names, again.train.targets[0], strict=True)))

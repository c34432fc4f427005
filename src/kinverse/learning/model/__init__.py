"""Networks: the MLP and its menus, joint-limit heads, the inverse model, and its file."""

"""What the Python servers say of a message that came back."""


def is_binary(name):
    """Whether the payload of this name travels as a binary message."""
    return "binary" in name


def difference(sent, back):
    """Where two messages differ, as a close reason; None if they are the same."""
    if type(sent) is not type(back):
        return "the kind was changed"
    if len(sent) != len(back):
        return f"{len(sent)} sent, {len(back)} came back"
    if sent == back:
        return None
    at = next(at for at, (a, b) in enumerate(zip(sent, back)) if a != b)
    return f"{at} of {len(sent)} differs"

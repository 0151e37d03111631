"""Attention, as PyTorch 2 has it, and with PyTorch 1 by its definition."""
from torch.nn import functional as F


def attend(query, key, value, mask=None):
    """`mask` is true where a query may look."""
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    scores = query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(-1) @ value


def split_heads(qkv, heads):
    """(batch, length, 3 x width) as query, key and value, each (batch, heads, length, width / heads)."""
    batch, length, width = qkv.shape
    return qkv.view(batch, length, 3, heads, width // 3 // heads).permute(2, 0, 3, 1, 4)


def join_heads(x):
    batch, heads, length, width = x.shape
    return x.transpose(1, 2).reshape(batch, length, heads * width)

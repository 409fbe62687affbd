"""The document of rules: read, checked, drafted, versioned, published (RT-1, RT-16)."""

"""How a plugin comes in: found, checked, imported, asked, compared with the others.

found.py finds the entry points and what their distributions say, without importing;
compatibility.py decides by that alone; importing.py imports behind a guard;
asking.py calls the hooks, and declared.py says what is wrong with what they return;
ordering.py puts the plugins in order, and collisions.py sets them side by side.
"""

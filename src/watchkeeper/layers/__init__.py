"""Assets and context on the map: cables, pipelines, ports, zones and land, and finding them from positions.

Geometry libraries are used here, while loading; what is asked per position is answered by kernels.
"""

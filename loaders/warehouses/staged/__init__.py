"""Engines that rows reach by uploaded files: parts, the load table they pass through, and one publishing step."""

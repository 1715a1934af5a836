"""A release: the compiled store, and look-ups in it.

Modules that other packages may import:

- archive
- catalogue
- change_descriptions
- change_log
- columns
- compiler
- downloads
- finder
- freezing
- index
- lists
- lookup
- name_index
- near_misses
- neighbors
- push_targets
- pusher
- release_descriptions
- resources
- search
- statistics
- store
- summaries
- usage
"""

"""Reads and checks the files of the folder ``checklists``: one checklist a file, which the venue file assigns to zones.

The types belong to the core, in `monitor.core.venue.checklist`, except what only a file has.
"""

from monitor.checklists.read import ChecklistFolder, checklist_files, read_folder

__all__ = ["ChecklistFolder", "checklist_files", "read_folder"]

"""Web sources: fetches the pages, feeds and sitemaps listed in the corpus into files.

``fetch.py`` runs the stages in this order: ``source_list.py`` reads the list, ``feeds.py`` and
``sitemaps.py`` find the pages, ``client.py`` requests them, ``store.py`` stores them. Only
``fetch.py`` uses the network; ``pages.py`` hands a sync what was fetched before.
"""

FOLDER = "fetched"
"""Subfolder of the data folder for fetched pages."""

"""Web sources: pages, feeds and sitemaps that the corpus lists become files to be read.

``fetch.py`` runs the stages in this order: ``source_list.py`` reads the list, ``feeds.py`` and
``sitemaps.py`` find the pages, ``client.py`` asks for them, ``store.py`` keeps what came. Only
``fetch.py`` speaks to other hosts; ``pages.py`` gives a sync what was fetched before.
"""

FOLDER = "fetched"
"""Where in the data folder what was fetched is kept."""

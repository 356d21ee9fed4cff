"""Progress in WaniKani: fetched from its API (revision 20170710) to a file, which is a source of imports."""

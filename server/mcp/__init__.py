"""The Model Context Protocol: agents call trusted documents as tools."""

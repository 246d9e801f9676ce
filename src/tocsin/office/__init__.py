"""The office: the Django application. The library beneath it never imports Django."""

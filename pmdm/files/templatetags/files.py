"""Evidence as people read it: words, a link, a file."""

from urllib.parse import urlsplit

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def file_link(file, subject) -> str:
    """A link that downloads the file, with its size; nothing without a file."""
    if file is None:
        return ""
    return format_html(
        '<a class="file" href="{}" download>{}</a> <span class="sub">{}</span>',
        file.url_below(subject),
        file.name,
        filesizeformat(file.size),
    )


@register.simple_tag
def evidence_text(text: str) -> str:
    """The words, or a link where they are one web address; nothing else becomes a link."""
    if " " not in text and urlsplit(text).scheme in ("http", "https"):
        return format_html('<a href="{}" rel="noopener noreferrer nofollow">{}</a>', text, text)
    return format_html("{}", text)

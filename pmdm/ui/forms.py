"""How forms look: FORM_RENDERER, fields with native controls, filter forms."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.utils.functional import cached_property
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


class BoundField(forms.BoundField):
    """Gives each control the native type and keyboard of its value."""

    def __init__(self, form, field, name):
        super().__init__(form, field, name)
        make_native(field)

    @cached_property
    def kind(self) -> str:
        """Class of the field's box: is-textarea, is-select, ..., is-wide when the form says so."""
        wide = " is-wide" if self.name in getattr(self.form, "wide", ()) else ""
        return f"is-{self.widget_type}{wide}"

    @property
    def anchor(self) -> str:
        """The id that a link in the error summary jumps to."""
        return self.id_for_label or self.auto_id

    @property
    def unit(self) -> str:
        """Shown inside the control's end: `widget.attrs["data-unit"]`."""
        return self.field.widget.attrs.get("data-unit", "")


def make_native(field: forms.Field) -> None:
    """Dates, times and numbers as the browser's own controls; plain ISO values, whatever the language."""
    widget = field.widget
    if isinstance(widget, forms.DateTimeInput):
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    elif isinstance(widget, forms.TimeInput):
        widget.input_type, widget.format = "time", "%H:%M"
    elif isinstance(widget, forms.NumberInput):
        whole = isinstance(field, forms.IntegerField) and not isinstance(field, forms.FloatField | forms.DecimalField)
        widget.attrs.setdefault("inputmode", "numeric" if whole else "decimal")
    elif isinstance(widget, forms.Textarea):
        widget.attrs.pop("cols", None)
        if widget.attrs.get("rows") in ("10", 10):
            widget.attrs["rows"] = 4


class Renderer(TemplatesSetting):
    """Label, help, control, error: templates/django/forms/."""

    bound_field_class = BoundField


class FilterForm(forms.Form):
    """A GET form that narrows a list: subclass it, add fields, override `filter`."""

    use_required_attribute = False
    # Fields that stand behind "More filters": those of a long form that are asked for seldom.
    folded: tuple[str, ...] = ()

    def filter(self, queryset):
        """Narrow the queryset by `cleaned_data`; only called when the form is valid."""
        return queryset

    def words(self, name: str = "q") -> list[str]:
        """The typed search, word by word; at most eight, so that a long paste stays one cheap query."""
        return self.cleaned_data.get(name, "").split()[:8]

    @cached_property
    def active(self) -> dict[str, Any]:
        """Fields that narrow the list now."""
        if not self.is_bound or not self.is_valid():
            return {}
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None, [], False)}

    def split(self) -> tuple[list[forms.BoundField], list[forms.BoundField], bool]:
        """The visible fields that always stand there, those behind "More filters", and whether that is open.

        Open where one of them narrows the list or is wrong: what is in force must be seen.
        """
        usual = [field for field in self.visible_fields() if field.name not in self.folded]
        folded = [field for field in self.visible_fields() if field.name in self.folded]
        names = {field.name for field in folded}
        return usual, folded, bool(names & (self.active.keys() | self.errors.keys()))


def select(field: forms.BoundField) -> SafeString:
    """A plain <select> or hidden field, the same as Django's, whose template draws every option by one of its own."""
    widget = field.field.widget
    if type(widget) is forms.HiddenInput:
        value = widget.format_value(field.value())
        said = "" if value is None else f' value="{conditional_escape(value)}"'
        attributes = field.build_widget_attrs({**widget.attrs, "id": field.auto_id}, widget)
        return mark_safe(  # noqa: S308 - every part is escaped
            f'<input type="hidden" name="{conditional_escape(field.html_name)}"{said}{flatatt(attributes)}>'
        )
    if type(widget) is not forms.Select:
        return field.as_widget()
    chosen = set(widget.format_value(field.value()))
    attributes = field.build_widget_attrs({**widget.attrs, "id": field.auto_id}, widget)
    parts = [f'<select name="{conditional_escape(field.html_name)}"{flatatt(attributes)}>']
    for value, label in widget.choices:
        if isinstance(label, list | tuple):
            parts.append(f'<optgroup label="{conditional_escape(value)}">')
            parts += [_option(one, word, chosen) for one, word in label]
            parts.append("</optgroup>")
        else:
            parts.append(_option(value, label, chosen))
    return mark_safe("".join(parts) + "</select>")  # noqa: S308 - every part is escaped


def _option(value: object, label: Any, chosen: set[str]) -> str:
    text = "" if value is None else str(value)
    mark = " selected" if text in chosen else ""
    return f'<option value="{conditional_escape(text)}"{mark}>{conditional_escape(label)}</option>'


def fieldsets(form: forms.BaseForm) -> list[dict]:
    """The visible fields in groups: `form.fieldsets = [(legend, ["field", ...]), (legend, help, [...])]`.

    Fields that no group names come last, so that none can be lost. ``form.group_ids = {legend: id}`` gives a group
    an id, by which htmx renews it alone; such a group is there even while it has no field.
    """
    named: set[str] = set()
    groups: list[dict] = []
    for legend, *rest in getattr(form, "fieldsets", ()):
        help_text, names = rest if len(rest) == 2 else ("", rest[0])
        names = [name for name in names if name in form.fields]
        named.update(names)
        part = getattr(form, "group_ids", {}).get(legend, "")
        fields = [form[name] for name in names]
        groups.append({"legend": legend if fields else "", "help": help_text, "fields": fields, "id": part})
    others = [field for field in form.visible_fields() if field.name not in named]
    return [*groups, {"legend": "", "help": "", "fields": others}] if others or not groups else groups

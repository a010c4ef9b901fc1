"""Production's static files: names with hashes, also in the imports between script modules."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Without this a module would import its neighbours by names that an update does not change."""

    support_js_module_import_aggregation = True

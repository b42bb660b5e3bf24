"""``/api/v1``: what programs and phones send and ask: checklists, inspections, photos, actions."""

from monitor.web.api.routes import api_router

__all__ = ["api_router"]

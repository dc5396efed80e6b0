"""Where everything is."""
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from feed import api, views

router = DefaultRouter()
router.register("posts", api.PostViewSet)
router.register("authors", api.AuthorViewSet)

urlpatterns = [
    path("", views.feed, name="feed"),
    path("tag/<slug:tag>/", views.feed, name="tag"),
    path("author/<int:pk>/", views.AuthorDetail.as_view(), name="author"),
    path("post/<int:pk>/", views.PostDetail.as_view(), name="post"),
    path("post/new/", views.new_post, name="new-post"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("async/", views.async_dashboard, name="async-dashboard"),
    path("ranking/", views.ranking, name="ranking"),
    path("json/", views.plain_json, name="json"),
    path("api/", include(router.urls)),
]

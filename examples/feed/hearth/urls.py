"""Where everything is."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.staticfiles.views import serve
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from feed import api, views

router = DefaultRouter()
router.register("posts", api.PostViewSet, basename="api-post")
router.register("people", api.ProfileViewSet, basename="api-profile")
router.register("notifications", api.NotificationViewSet, basename="api-notification")

urlpatterns = [
    path("", views.home, name="home"),
    path("explore/", views.explore, name="explore"),
    path("topic/<slug:slug>/", views.topic, name="topic"),
    path("search/", views.search, name="search"),
    path("compose/", views.Compose.as_view(), name="compose"),
    path("notifications/", views.notifications, name="notifications"),
    path("pulse/", views.pulse, name="pulse"),
    path("p/<int:pk>/", views.PostDetail.as_view(), name="post"),
    path("p/<int:pk>/comment/", views.comment, name="comment"),
    path("p/<int:pk>/like/", views.like, name="like"),
    path("@<slug:handle>/", views.ProfileDetail.as_view(), name="profile"),
    path("@<slug:handle>/follow/", views.follow, name="follow"),
    path("media/<int:pk>.svg", views.picture, name="picture"),
    path("api/ranked/", api.ranked, name="api-ranked"),
    path("api/timeline/", api.timeline, name="api-timeline"),
    path("api/", include(router.urls)),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    # A real site leaves these to its web server; this one is to be looked at without any.
    path("static/<path:path>", serve, {"insecure": True}),
]
handler404 = "feed.views.not_found"

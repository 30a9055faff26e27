"""nginx as the Helm chart's gateway: basic auth that becomes a tenant, tags with empty values, bodies up to 4 MiB, a tail."""
import base64
import json
import os
import time
import urllib.error
import urllib.request

from websocket_client import WebSocket
from workshop import CONFIG, Daemon, SkaldProcess, equal, free_port, lines

SETTINGS = """
%(user)s
daemon off;
worker_processes 1;
pid %(folder)s/nginx.pid;
error_log stderr error;
events { worker_connections 128; }
http {
  access_log off;
  client_body_temp_path %(folder)s/body;
  proxy_temp_path %(folder)s/proxy;
  fastcgi_temp_path %(folder)s/fastcgi;
  uwsgi_temp_path %(folder)s/uwsgi;
  scgi_temp_path %(folder)s/scgi;
  client_max_body_size 4M;
  proxy_read_timeout 60;
  proxy_http_version 1.1;
  map $http_x_query_tags $query_tags { "" "noop="; default $http_x_query_tags; }
  server {
    listen 127.0.0.1:%(port)d;
    auth_basic "Loki";
    auth_basic_user_file %(folder)s/tenants;
    location = / { auth_basic off; return 200 'OK'; }
    location = /ready { auth_basic off; proxy_pass http://127.0.0.1:%(skald)d; }
    location = /loki/api/v1/tail {
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header X-Scope-OrgID $remote_user;
      proxy_pass http://127.0.0.1:%(skald)d;
    }
    location / {
      proxy_set_header X-Scope-OrgID $remote_user;
      proxy_set_header X-Query-Tags "${query_tags},user=${http_x_grafana_user},dashboard_id=${http_x_dashboard_uid},dashboard_title=,panel_id=${http_x_panel_id},rule_name=";
      proxy_pass http://127.0.0.1:%(skald)d;
    }
  }
}
"""


def run(server, shop):
    nginx, env = shop.debian("nginx", ("nginx",))
    server.stop()
    os.makedirs(os.path.join(shop.folder, "behind"))
    server = SkaldProcess(server.binary, os.path.join(shop.folder, "behind"), CONFIG.replace("auth_enabled: false", "auth_enabled: true")).start()
    try:
        port = free_port()
        shop.file("tenants", "".join("%s:{PLAIN}secret\n" % name for name in ("red", "blue")))
        config = shop.file("nginx.conf", SETTINGS % {"user": "user root;" if os.getuid() == 0 else "", "folder": shop.folder, "port": port, "skald": server.http})
        with Daemon([nginx, "-p", shop.folder, "-c", config], os.path.join(shop.folder, "nginx.log"), env) as gateway:
            gateway.wait_for_port(port)
            check("http://127.0.0.1:%d" % port, server)
            check_tail(port)
            equal("", gateway.text(), "what nginx complained about")
    finally:
        server.kill()


def login(user):
    return {"Authorization": "Basic " + base64.b64encode((user + ":secret").encode()).decode()} if user else {}


def ask(url, user=None, body=None, headers=None):
    headers = dict(headers or {}, **login(user))
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()


def push(gateway, user, text):
    body = {"streams": [{"stream": {"app": "cart"}, "values": [[str(time.time_ns()), text]]}]}
    answer = ask(gateway + "/loki/api/v1/push", user, json.dumps(body).encode(), {"Content-Type": "application/json"})
    equal((204, b""), answer, "a push of " + user)


def check_tail(port):
    """Red sees what it has pushed, then what comes, and nothing of blue."""
    seen = []
    with WebSocket("127.0.0.1", port, "/loki/api/v1/tail?query=%7Bapp%3D%22cart%22%7D", login("red")) as tail:
        for user, text in (("blue", "later, of blue"), ("red", "later, of red")):
            push("http://127.0.0.1:%d" % port, user, text)
        while "later, of red" not in seen:
            kind, message = tail.receive(15)
            equal("text", kind, "a frame")
            seen += [v[1] for s in json.loads(message)["streams"] for v in s["values"]]
    equal(["of red", "later, of red"], seen, "the tail of red")


def check(gateway, server):
    push(gateway, "red", "of red")
    push(gateway, "blue", "of blue " + "x" * 200_000)
    equal(401, ask(gateway + "/loki/api/v1/labels")[0], "nobody")
    equal((200, b"OK"), ask(gateway + "/"), "the gateway itself")
    equal((200, b"ready\n"), ask(gateway + "/ready"), "a probe")
    headers = {"X-Query-Tags": "Source=grafana-lokiexplore-app", "X-Grafana-User": "admin", "Accept-Encoding": "identity"}
    status, body = ask(gateway + "/loki/api/v1/query_range?query=%7Bapp%3D%22cart%22%7D", "red", headers=headers)
    equal((200, [["of red"]]), (status, [[v[1] for v in s["values"]] for s in json.loads(body)["data"]["result"]]), "a query of red")
    equal(["of blue " + "x" * 200_000], lines(server, '{app="cart"}', {"X-Scope-OrgID": "blue"}), "a query of blue, past the gateway")
    query = "%7Bapp%3D~%22cart%7C" + "a" * 6000 + "%22%7D"
    equal(200, ask(gateway + "/loki/api/v1/query_range?query=" + query, "red")[0], "a query of 6 KiB in the URL")

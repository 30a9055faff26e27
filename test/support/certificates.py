"""Certificates for tests, made by openssl."""
import os
import ssl
import subprocess

NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def sign(folder, name):
    """NAME.pem and NAME.key, new and signed by ca.pem of the folder."""
    openssl(folder, "req", "-new", *NEW_KEY, "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
    openssl(folder, "x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", name + ".pem")


def make_certificates(folder):
    """An authority ca.pem, which has signed server.pem and client.pem; stranger.pem is signed by nobody else."""
    for name in ("ca", "stranger"):
        openssl(folder, "req", "-x509", *NEW_KEY, "-keyout", name + ".key", "-out", name + ".pem", "-days", "2", "-subj", "/CN=" + name)
    with open(os.path.join(folder, "names"), "w") as f:
        f.write(NAMES)
    for name in ("server", "client"):
        sign(folder, name)


def context(folder, client=None):
    """What a client trusts, and who it is."""
    made = ssl.create_default_context(cafile=os.path.join(folder, "ca.pem"))
    if client:
        made.load_cert_chain(os.path.join(folder, client + ".pem"), os.path.join(folder, client + ".key"))
    return made

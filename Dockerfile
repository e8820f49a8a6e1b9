# Whaleline with all its languages. docs/docker.md says how to build and run it.
# Nothing here names a processor: each platform's own packages and wheels are taken.
#
# A mirror's name, or a digest to pin: --build-arg BASE=debian@sha256:...
# Fewer languages: --build-arg PACKAGES="fonts-dejavu-core hunspell-en-us tesseract-ocr-deu", some of deploy/packages.txt
ARG BASE=debian:bookworm-slim
ARG PACKAGES=

FROM ${BASE} AS python
# Debian's Python gets Debian's security updates; pinned versions would vanish from the mirrors with each of them.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 \
    && apt-get clean && rm -rf /var/lib/apt/lists/*

FROM python AS models
# Models and dictionaries are files alone, so they are unpacked and not installed: their packages depend on programs that
# nobody runs here. Of their documentation, the licences stay.
ARG PACKAGES
COPY deploy/packages.txt /build/
WORKDIR /build/packages
RUN test -z "$PACKAGES" || echo "$PACKAGES" >/build/packages.txt
RUN apt-get update \
    && xargs -a /build/packages.txt apt-get download \
    && for package in *.deb; do dpkg-deb --extract "$package" /models || exit 1; done \
    && find /models/usr/share/doc ! -type d ! -name copyright -delete

FROM python AS dependencies
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /opt/whaleline
COPY requirements.txt /build/
RUN /opt/whaleline/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: -r /build/requirements.txt

FROM dependencies AS package
COPY LICENSE README.md pyproject.toml /build/
COPY src /build/src
RUN /opt/whaleline/bin/pip install --no-cache-dir --no-build-isolation --no-deps --prefix=/package /build

FROM dependencies AS environment
# What only installing needs, and what the packages carry for their own development.
RUN /opt/whaleline/bin/pip uninstall -y editables hatch-fancy-pypi-readme hatchling setuptools pip \
    && find /opt/whaleline/lib -type d -name tests -prune -exec rm -rf {} + \
    && rm -rf /opt/whaleline/lib/python3*/site-packages/onnxruntime/quantization \
        /opt/whaleline/lib/python3*/site-packages/onnxruntime/tools \
        /opt/whaleline/lib/python3*/site-packages/onnxruntime/transformers

FROM python
# What changes least comes first, so that a new version of the code is a small layer above the same large ones.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin whaleline \
    && install -d -o whaleline -g whaleline -m 0700 /data
COPY --from=models /models/usr/share /usr/share
COPY --from=environment /opt/whaleline /opt/whaleline
COPY --from=package /package /opt/whaleline
# onnxruntime tells its maker about each use, unless told not to.
ENV PATH=/opt/whaleline/bin:$PATH \
    ORT_DISABLE_TELEMETRY=1 \
    PYTHONUNBUFFERED=1 \
    WHALELINE_DATA=/data \
    WHALELINE_HOST=0.0.0.0 \
    WHALELINE_PORT=8080
# A language whose models are not there fails the build, and is named, unless packages were chosen.
ARG PACKAGES
RUN missing="$(whaleline languages --missing)" && echo "$missing" && { test -z "$missing" || test -n "$PACKAGES"; }
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=9)"]
ENTRYPOINT ["whaleline"]
CMD ["serve"]

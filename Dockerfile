# The program in a small image, run by nobody in particular: all it keeps is in the one volume, /data.
# Each RUN line is one Make target; a test runs the same targets outside of Docker.

FROM python:3.11 AS made
ENV PREFIX=/opt/filcommun DATA=/opt/data
WORKDIR /src
COPY . .
RUN make install

FROM python:3.11-slim
COPY --from=made /opt/filcommun /opt/filcommun
COPY --from=made --chown=1000:1000 /opt/data /data
ENV PATH=/opt/filcommun/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# config.toml lies here too; its relative paths begin here.
WORKDIR /data
VOLUME /data
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s --retries=3 CMD ["filcommun", "status", "--quiet"]
ENTRYPOINT ["filcommun"]
CMD ["run"]

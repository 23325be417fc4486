{{/* Every pod gets its secrets through these three: the targets, the migration Job and the test pod. */}}

{{/* dict root, databases, buses, owner, masterKey, smtp → a YAML list of {env, path, secret, key}.
databases and buses are the services and targets whose connections the pod needs. */}}
{{- define "portico.secretList" -}}
{{- $values := .root.Values -}}
{{- if .owner }}
- env: PORTICO_DATABASE_URL_FILE
  path: database-url
  secret: {{ required "postgres.migrations.existingSecret is required: the Secret with the connection of the role that owns the schemas (or set migrations.enabled to false)" $values.postgres.migrations.existingSecret | quote }}
  key: {{ $values.postgres.migrations.uriKey | quote }}
{{- end }}
{{- range .databases }}
{{- $own := (index $values.targets . | default dict).postgres | default dict }}
- env: PORTICO_{{ upper . }}_DATABASE_URL_FILE
  path: {{ . }}-database-url
  secret: {{ required (printf "targets.%s.postgres.existingSecret or postgres.existingSecret is required: the Secret with the connection of the role portico_%s" . .) (default $values.postgres.existingSecret $own.existingSecret) | quote }}
  key: {{ default $values.postgres.uriKey $own.uriKey | quote }}
{{- with ($own.replica | default dict).existingSecret }}
- env: PORTICO_RECORDS_READ_URL_FILE
  path: records-read-url
  secret: {{ . | quote }}
  key: {{ default $values.postgres.uriKey $own.replica.uriKey | quote }}
{{- end }}
{{- end }}
{{- range .buses }}
{{- $own := (index $values.targets . | default dict).nats | default dict }}
- env: PORTICO_{{ upper . }}_NATS_URL_FILE
  path: {{ . }}-nats-url
  secret: {{ required (printf "targets.%s.nats.existingSecret or nats.existingSecret is required: the Secret with the address of the NATS server" .) (default $values.nats.existingSecret $own.existingSecret) | quote }}
  key: {{ default $values.nats.urlKey $own.urlKey | quote }}
{{- end }}
{{- if .masterKey }}
- env: PORTICO_MASTER_KEY_FILE
  path: master-key
  secret: {{ required "masterKey.existingSecret is required: a Secret with 32 random bytes in base64" $values.masterKey.existingSecret | quote }}
  key: {{ $values.masterKey.key | quote }}
{{- end }}
{{- if and .smtp $values.smtp.existingSecret }}
- env: PORTICO_SMTP_URL_FILE
  path: smtp-url
  secret: {{ $values.smtp.existingSecret | quote }}
  key: {{ $values.smtp.urlKey | quote }}
{{- end }}
{{- end }}

{{/* The list → environment variables that name the files. */}}
{{- define "portico.secretEnv" -}}
{{- range fromYamlArray (include "portico.secretList" .) }}
- name: {{ .env }}
  value: /etc/portico/secrets/{{ .path }}
{{- end }}
{{- end }}

{{/* The list → one projected volume with those files. The kubelet replaces them when a Secret changes. */}}
{{- define "portico.secretVolume" -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range fromYamlArray (include "portico.secretList" .) }}
      - secret:
          name: {{ .secret | quote }}
          items:
            - key: {{ .key | quote }}
              path: {{ .path }}
      {{- end }}
- name: tmp
  emptyDir:
    medium: Memory
    sizeLimit: 16Mi
{{- end }}

{{- define "portico.secretMounts" -}}
- name: secrets
  mountPath: /etc/portico/secrets
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- end }}

{{/* (list root target) → the arguments of portico.secretList for a target, as YAML without root. */}}
{{- define "portico.secretNeeds" -}}
{{- $target := index . 1 -}}
{{- if eq $target "all" }}
databases: {{ include "portico.services" . }}
buses: [gateway, identity, permissions, records, notification]
masterKey: true
smtp: true
{{- else if eq $target "gateway" }}
databases: []
buses: [gateway]
masterKey: true
smtp: false
{{- else }}
databases: [{{ $target }}]
buses: [{{ $target }}]
masterKey: true
smtp: {{ eq $target "notification" }}
{{- end }}
{{- end }}

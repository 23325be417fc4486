{{/* The variables that are the same for all targets. Pods roll when they change (annotation checksum/config). */}}
{{- define "portico.config" -}}
PORTICO_PROFILE: production
PORTICO_HTTP_LISTEN: 0.0.0.0:8080
PORTICO_ADMIN_LISTEN: 0.0.0.0:9090
PORTICO_PORTAL_URL: {{ required "publicUrl is required: the address under which people reach the portal, such as https://portal.example.com" .Values.publicUrl | quote }}
PORTICO_PORTAL_COMPANY_NAME: {{ .Values.companyName | quote }}
PORTICO_INSTALLATION: {{ .Values.installation | quote }}
PORTICO_TIME_ZONE: {{ .Values.timeZone | quote }}
PORTICO_LANGUAGE: {{ .Values.language | quote }}
PORTICO_DATABASE_CONNECTIONS: {{ .Values.postgres.connections | quote }}
PORTICO_NATS_REPLICAS: {{ .Values.nats.replicas | quote }}
PORTICO_LOG_LEVEL: {{ .Values.log.level | quote }}
PORTICO_LOG_FORMAT: {{ .Values.log.format | quote }}
{{- with .Values.trustedProxies }}
PORTICO_TRUSTED_PROXIES: {{ join "," . | quote }}
{{- end }}
{{- with .Values.officeNetworks }}
PORTICO_OFFICE_NETWORKS: {{ join "," . | quote }}
{{- end }}
{{- with .Values.smtp.from }}
PORTICO_SMTP_FROM: {{ . | quote }}
{{- end }}
{{- with .Values.smtp.fallback }}
PORTICO_FALLBACK_EMAIL: {{ . | quote }}
{{- end }}
{{- if .Values.smtp.withoutAccess }}
PORTICO_MAIL_WITHOUT_ACCESS: "true"
{{- end }}
{{- if .Values.otel.endpoint }}
PORTICO_OTLP_ENDPOINT: {{ .Values.otel.endpoint | quote }}
PORTICO_OTLP_RATIO: {{ .Values.otel.ratio | quote }}
{{- end }}
{{- end }}

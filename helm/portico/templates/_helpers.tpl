{{/* Names, labels, image, and the one place that says who calls whom. */}}

{{- define "portico.chart" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "portico.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains (include "portico.chart" .) .Release.Name -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "portico.chart" .) -}}
{{- end -}}
{{- end }}

{{/* (list root suffix) → full name with suffix, at most 63 characters; what doesn't fit is replaced by a hash, so that
two long releases in one namespace never meet. */}}
{{- define "portico.name" -}}
{{- $full := include "portico.fullname" (index . 0) -}}
{{- $suffix := index . 1 -}}
{{- $room := sub 62 (len $suffix) | int -}}
{{- if gt (len $full) $room -}}
{{- printf "%s-%s-%s" ($full | trunc (sub $room 9 | int) | trimSuffix "-") (sha256sum $full | trunc 8) $suffix -}}
{{- else -}}
{{- printf "%s-%s" $full $suffix -}}
{{- end -}}
{{- end }}

{{/* (list root component) → the labels that select pods. They are part of immutable fields: never change them. */}}
{{- define "portico.selectorLabels" -}}
app.kubernetes.io/name: {{ include "portico.chart" (index . 0) }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* (list root component) → all labels of an object. */}}
{{- define "portico.labels" -}}
{{ include "portico.selectorLabels" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/part-of: portico
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (index . 0).Chart.Name (index . 0).Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "portico.image" -}}
{{- $registry := .Values.global.imageRegistry | default .Values.image.registry -}}
{{- $repository := ternary (printf "%s/%s" $registry .Values.image.repository) .Values.image.repository (not (empty $registry)) -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{/* The services, in the order in which they are named everywhere. Each has a database role. */}}
{{- define "portico.services" -}}
[identity, permissions, records, notification]
{{- end }}

{{/* Who calls whom over gRPC: caller → called. The addresses in the environment and the network policies both come from
here. A service that hears another one's events may also read that one's log from behind, so it calls it too; and every
service asks identity for the keys that verify actor tokens. */}}
{{- define "portico.calls" -}}
gateway: [identity, permissions, records, notification]
identity: [records]
permissions: [identity, records]
records: [identity, permissions]
notification: [identity, records]
{{- end }}

{{/* The components that serve gRPC in this mode; in mode all only the doctor comes from outside of the pod. */}}
{{- define "portico.servers" -}}
{{- if eq .Values.mode "all" -}}
[all]
{{- else -}}
{{- include "portico.services" . -}}
{{- end -}}
{{- end }}

{{/* The targets that are Deployments in this mode. */}}
{{- define "portico.targets" -}}
{{- if eq .Values.mode "all" -}}
[all]
{{- else -}}
[gateway, identity, permissions, records, notification]
{{- end -}}
{{- end }}

{{/* (list root target) → the target's settings: defaults overridden key by key. */}}
{{- define "portico.settings" -}}
{{- $root := index . 0 -}}
{{- mergeOverwrite (deepCopy $root.Values.defaults) (deepCopy (index $root.Values.targets (index . 1) | default dict)) | toYaml -}}
{{- end }}

{{/* The component that people's browsers reach. */}}
{{- define "portico.front" -}}
{{- ternary "all" "gateway" (eq .Values.mode "all") -}}
{{- end }}

{{- define "portico.imagePullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What Pod Security "restricted" asks for, and nothing that our pods could use beyond it. Service links stay off for a
second reason: a Service named portico-… would put PORTICO_… variables into the pod, and an unknown one stops the start. */}}
{{- define "portico.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "portico.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

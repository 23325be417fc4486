{{/* One target: Deployment, disruption budget, autoscaler. (list root target) */}}

{{- define "portico.target" -}}
{{- $root := index . 0 -}}
{{- $target := index . 1 -}}
{{- $settings := include "portico.settings" . | fromYaml -}}
{{- $secrets := merge (dict "root" $root) (include "portico.secretNeeds" . | fromYaml) -}}
{{- $name := include "portico.name" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "portico.labels" . | nindent 4 }}
spec:
  {{- if not $settings.autoscaling.enabled }}
  replicas: {{ $settings.replicas }}
  {{- end }}
  minReadySeconds: {{ $settings.minReadySeconds }}
  revisionHistoryLimit: 3
  # The old pods serve until the new ones are ready, which they are only on a migrated schema.
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  selector:
    matchLabels:
      {{- include "portico.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "portico.selectorLabels" . | nindent 8 }}
        app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
        app.kubernetes.io/part-of: portico
        {{- with $settings.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        checksum/config: {{ include "portico.config" $root | sha256sum }}
        {{- if $root.Values.metrics.annotations }}
        prometheus.io/scrape: "true"
        prometheus.io/port: "9090"
        prometheus.io/path: /metrics
        {{- end }}
        {{- with $settings.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "portico.imagePullSecrets" $root | nindent 6 }}
      {{- include "portico.podSecurity" $root | nindent 6 }}
      {{- with $settings.priorityClassName }}
      priorityClassName: {{ . | quote }}
      {{- end }}
      terminationGracePeriodSeconds: {{ add $settings.preStopSeconds $settings.drainSeconds 5 }}
      {{- include "portico.topologySpread" (list $root $target $settings.topologySpread) | nindent 6 }}
      {{- with $settings.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $settings.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $settings.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: portico
          image: {{ include "portico.image" $root | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [serve, --target, {{ $target }}]
          envFrom:
            - configMapRef:
                name: {{ include "portico.name" (list $root "config") }}
          env:
            {{- include "portico.targetEnv" (list $root $target $settings) | nindent 12 }}
            {{- include "portico.secretEnv" $secrets | nindent 12 }}
            {{- with $settings.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          ports:
            {{- if has $target (list "all" "gateway") }}
            - {name: http, containerPort: 8080}
            {{- end }}
            {{- if ne $target "gateway" }}
            - {name: grpc, containerPort: 7070}
            {{- end }}
            - {name: admin, containerPort: 9090}
          startupProbe:
            httpGet: {path: /startupz, port: admin}
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: {{ div (add $settings.startupSeconds 4) 5 }}
          readinessProbe:
            httpGet: {path: /readyz, port: admin}
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          livenessProbe:
            httpGet: {path: /livez, port: admin}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          {{- if $settings.preStopSeconds }}
          lifecycle:
            preStop:
              sleep:
                seconds: {{ $settings.preStopSeconds }}
          {{- end }}
          resources:
            {{- toYaml $settings.resources | nindent 12 }}
          {{- include "portico.containerSecurity" $root | nindent 10 }}
          volumeMounts:
            {{- include "portico.secretMounts" $root | nindent 12 }}
            {{- with $settings.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        {{- include "portico.secretVolume" $secrets | nindent 8 }}
        {{- with $settings.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- $pods := ternary $settings.autoscaling.minReplicas $settings.replicas $settings.autoscaling.enabled | int }}
{{- if and $settings.podDisruptionBudget.enabled (ge $pods 2) }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "portico.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ $settings.podDisruptionBudget.maxUnavailable }}
  # A pod that isn't ready never stands in the way of draining a node.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "portico.selectorLabels" . | nindent 6 }}
{{- end }}
{{- if $settings.autoscaling.enabled }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "portico.labels" . | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ $name }}}
  minReplicas: {{ $settings.autoscaling.minReplicas }}
  maxReplicas: {{ $settings.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ $settings.autoscaling.cpuUtilization }}}
{{- end }}
{{- end }}

{{/* (list root target settings) → the variables that differ from target to target and are no secret. */}}
{{- define "portico.targetEnv" -}}
{{- $root := index . 0 -}}
{{- $target := index . 1 -}}
{{- $settings := index . 2 -}}
- name: PORTICO_DRAIN_SECONDS
  value: {{ $settings.drainSeconds | quote }}
{{- if ne $target "gateway" }}
- name: PORTICO_GRPC_LISTEN
  value: 0.0.0.0:7070
{{- end }}
{{- if ne $target "all" }}
{{- range index (include "portico.calls" $root | fromYaml) $target }}
- name: PORTICO_{{ upper . }}_ADDR
  value: http://{{ include "portico.name" (list $root .) }}:7070
{{- end }}
{{- end }}
{{- if $root.Values.otel.endpoint }}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: NODE_NAME
  valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: k8s.namespace.name={{ $root.Release.Namespace }},k8s.deployment.name={{ include "portico.name" (list $root $target) }},k8s.pod.name=$(POD_NAME),k8s.node.name=$(NODE_NAME)
{{- end }}
{{- end }}

{{/* (list root target {zone, host}) → spread constraints that look at the pods of one roll-out only. */}}
{{- define "portico.topologySpread" -}}
{{- $root := index . 0 -}}
{{- $target := index . 1 -}}
{{- $spread := index . 2 -}}
{{- if not (and (eq $spread.zone "Off") (eq $spread.host "Off")) -}}
topologySpreadConstraints:
  {{- range $key, $when := dict "topology.kubernetes.io/zone" $spread.zone "kubernetes.io/hostname" $spread.host }}
  {{- if ne $when "Off" }}
  - topologyKey: {{ $key }}
    maxSkew: 1
    whenUnsatisfiable: {{ $when }}
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- include "portico.selectorLabels" (list $root $target) | nindent 8 }}
  {{- end }}
  {{- end }}
{{- end }}
{{- end }}

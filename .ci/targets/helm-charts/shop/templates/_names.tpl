{{/* A name that changes with the settings, so that pods of the release before keep theirs. */}}
{{- define "shop.settings" -}}
settings-{{ .Values.greeting | sha256sum | trunc 8 }}
{{- end }}
{{- define "shop.labels" -}}
app: {{ .Release.Name }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

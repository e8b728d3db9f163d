data "coze_document" "returns" {
  dataset = "7351411234567890456"
  name    = "退换货规则"
}

output "is_ready" {
  value = data.coze_document.returns.status == "ready"
}

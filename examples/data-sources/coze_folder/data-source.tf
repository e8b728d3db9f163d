data "coze_folder" "after_sales" {
  workspace = "7351411234567890123"
  path      = "客服/售后"
}

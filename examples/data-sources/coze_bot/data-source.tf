# By its name.
data "coze_bot" "support" {
  workspace = "7351411234567890123"
  name      = "售后助手"
}

# By its id alone.
data "coze_bot" "guide" {
  id = "7400000000000000003"
}

output "latest_version" {
  value = data.coze_bot.support.version
}
